import { createContext, createEffect, createSignal, type ParentProps, useContext } from "solid-js";
import { storedChoice } from "./stored-choice.ts";

export const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

/** The colours, by the system's wish unless another was chosen here. */
function createTheme() {
  const stored = storedChoice("theme", themes);
  const [theme, setTheme] = createSignal<Theme>(stored.read() ?? "system");
  createEffect(() => {
    const chosen = theme();
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
  });
  return {
    theme,
    choose(next: Theme) {
      stored.write(next);
      setTheme(next);
    },
  };
}

const ThemeContext = createContext<ReturnType<typeof createTheme>>();

export function ThemeProvider(props: ParentProps) {
  return <ThemeContext.Provider value={createTheme()}>{props.children}</ThemeContext.Provider>;
}

export function useTheme() {
  const theme = useContext(ThemeContext);
  if (!theme) throw new Error("There is no ThemeProvider around this component.");
  return theme;
}
