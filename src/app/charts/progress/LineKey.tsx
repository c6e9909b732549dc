interface Props {
  readonly look: "solid" | "dashed" | "chosen" | "point" | "hollow";
}

/** What a line or point looks like, for a legend. */
export const LineKey = ({ look }: Props) => (
  <svg className="line-key" width="12" height="8" aria-hidden="true">
    {look === "solid" && <path d="M0 4h12" stroke="var(--text)" strokeWidth="1.5" />}
    {look === "dashed" && <path d="M0 4h12" stroke="var(--accent)" strokeWidth="2" strokeDasharray="4 2" />}
    {look === "chosen" && <path d="M0 4h12" stroke="var(--accent)" strokeWidth="2.25" />}
    {look === "point" && <circle cx="6" cy="4" r="3.5" fill="var(--accent)" />}
    {look === "hollow" && <circle cx="6" cy="4" r="3" fill="none" stroke="var(--text)" strokeWidth="1.5" />}
  </svg>
);
