import { THEMES, useTheme, type Theme } from "../store/theme";
import { IconButton } from "./IconButton";

const LABELS: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };

/** Goes round: as the system, light, dark. */
export function ThemeSwitch() {
  const { theme, setTheme } = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <IconButton
      icon={theme}
      label={`Theme: ${LABELS[theme]}`}
      hint={`Theme: ${LABELS[theme]}. Press for ${LABELS[next]}.`}
      onPress={() => setTheme(next)}
    />
  );
}
