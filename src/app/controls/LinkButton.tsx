import { lazy, Suspense, useEffect, useState } from "react";
import { searchText, useSettings } from "../store/settings";
import { IconButton } from "./IconButton";

const LinkDialog = lazy(() => import("./LinkDialog"));

type Copying = { readonly type: "idle" } | { readonly type: "copied" } | { readonly type: "refused"; readonly link: string };

const IDLE: Copying = { type: "idle" };

/** How long the button says that it did something. */
const COPIED_MS = 4000;

/** Copies the address with all settings. */
export function LinkButton() {
  const [copying, setCopying] = useState(IDLE);
  useEffect(() => {
    if (copying.type !== "copied") return;
    const timer = setTimeout(() => setCopying(IDLE), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copying]);
  const copy = async (): Promise<void> => {
    const link = linkNow();
    try {
      await navigator.clipboard.writeText(link);
      setCopying({ type: "copied" });
    } catch {
      // No permission, or no clipboard outside a secure context: the person copies it.
      setCopying({ type: "refused", link });
    }
  };
  const isCopied = copying.type === "copied";
  return (
    <>
      <IconButton
        icon={isCopied ? "done" : "link"}
        label="Copy link"
        hint={isCopied ? "Link copied" : "Copy a link to these settings"}
        onPress={() => void copy()}
      />
      <span className="visually-hidden" role="status">
        {isCopied ? "Link copied." : ""}
      </span>
      <Suspense>{copying.type === "refused" && <LinkDialog link={copying.link} onClose={() => setCopying(IDLE)} />}</Suspense>
    </>
  );
}

/** The address follows the settings a little later: this one has them already. */
function linkNow(): string {
  const url = new URL(location.href);
  url.search = searchText(useSettings.getState());
  return url.href;
}
