import { MODELS } from "../../core/models";

/** A network as the menu calls it; its id if it is not a known one (an address may name anything). */
export const modelLabel = (id: string): string => MODELS.find((model) => model.id === id)?.label ?? id;
