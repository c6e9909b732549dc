import { useEffect, useState } from "react";

export interface FullScreen {
  readonly isFull: boolean;
  readonly toggle: () => void;
}

/**
 * A chart over the whole screen. The page goes to full screen and the chart is laid over it: menus and dialogs, which live at the end
 * of the page, stay reachable. Where the browser refuses, the chart still fills the window.
 */
export function useFullScreen(): FullScreen {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    if (!isFull) return;
    const left = (): void => {
      if (!document.fullscreenElement) setFull(false);
    };
    document.addEventListener("fullscreenchange", left);
    return () => document.removeEventListener("fullscreenchange", left);
  }, [isFull]);
  const toggle = (): void => {
    setFull(!isFull);
    const asked = isFull ? document.fullscreenElement && document.exitFullscreen() : document.documentElement.requestFullscreen();
    // Refused: the chart fills the window instead.
    asked?.catch(() => undefined);
  };
  return { isFull, toggle };
}
