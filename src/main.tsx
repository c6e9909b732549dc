import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startBridge } from "./app/bridge/client";
import { keepInUrl } from "./app/store/settings";
import { applyTheme, useTheme } from "./app/store/theme";
import "./app/styles/tokens.css";
import "./app/styles/base.css";
import "./app/styles/layout.css";
import "./app/styles/controls.css";
import "./app/styles/panels.css";

applyTheme(useTheme.getState().theme);
keepInUrl();
startBridge();

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
