import type { ReactNode } from "react";

/** A formula on its own line, in plain HTML: `sub`, `i` and signs are enough for what the charts show. */
export const Formula = ({ children }: { readonly children: ReactNode }) => <p className="formula">{children}</p>;
