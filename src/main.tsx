import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startBridge } from "./app/bridge/client";
import { keepInUrl } from "./app/store/settings";
import { applyTheme, useTheme } from "./app/store/theme";
import "@fontsource-variable/inter/wght.css";
import "./app/styles/tokens.css";
import "./app/styles/base.css";
import "./app/styles/layout.css";
import "./app/styles/controls.css";
import "./app/styles/panels.css";

applyTheme(useTheme.getState().theme);
keepInUrl();
startBridge();

/** Drawn before the font is there, text would jump when it comes, and canvases would keep the wrong one. Longer waits cost more than that. */
const FONT_WAIT_MS = 300;
const font = Promise.all(["400", "600"].map((weight) => document.fonts.load(`${weight} 13px "Inter Variable"`, "Bitloom λ")));
await Promise.race([font.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS))]);

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
