/** A pattern for `fill="url(#id)"`: what has 0 bits is hatched. */
export const Hatching = ({ id }: { readonly id: string }) => (
  <defs>
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse">
      <rect width="5" height="5" fill="var(--surface-2)" />
      <path d="M-1 1l2 -2M0 5l5 -5M4 6l2 -2" stroke="var(--text-2)" />
    </pattern>
  </defs>
);
