import { IMPORTED, type ImportedInfo } from "../../core/imported";
import { MODELS } from "../../core/models";

/** A network as the menu calls it; its id if it is not a known one (an address may name anything). `file` is the imported one. */
export const modelLabel = (id: string, file: ImportedInfo | null): string =>
  id === IMPORTED && file ? file.name : (MODELS.find((model) => model.id === id)?.label ?? id);
