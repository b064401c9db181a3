/** Where the pages begin. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import * as z from "zod";
import "@fontsource-variable/inter/wght.css";
import "./styles/colours.css";
import "./styles/parts.css";
import "./styles/boxes.css";
import "./styles/shell.css";
import "./styles/lists.css";
import "./styles/inbox.css";
import "./styles/execution.css";
import "./styles/waterfall.css";
import "./styles/budget.css";
import "./styles/log.css";
import "./styles/forms.css";
import { App } from "./app.tsx";
import { applyStoredTheme } from "./shell/theme.ts";

// The policy of these pages allows no code that is made of text.
z.config({ jitless: true });
applyStoredTheme();
// The server's own address leads here.
if (location.pathname === "/") history.replaceState(null, "", "/ui/");
const place = document.getElementById("app");
if (place)
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
