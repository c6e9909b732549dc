import type { KeyboardEvent, PointerEvent } from "react";

/** The table takes Space, letters and presses for its rows; a control in a cell needs them itself. */
export const keep = (event: KeyboardEvent | PointerEvent): void => event.stopPropagation();
