/** What will appear here, and which action makes it appear. */
export const ChartEmpty = ({ children }: { readonly children: string }) => <p className="chart-empty">{children}</p>;
