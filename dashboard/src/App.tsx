import { Route, Router } from "@solidjs/router";
import { I18nProvider } from "./i18n/context.tsx";
import { ThemeProvider } from "./settings/theme.tsx";
import { ClassPickerView } from "./views/ClassPickerView.tsx";
import { ClassView } from "./views/ClassView.tsx";
import { LoginView } from "./views/LoginView.tsx";
import { NotFoundView } from "./views/NotFoundView.tsx";
import { SignedIn } from "./views/session-context.tsx";

export function App() {
  return (
    <I18nProvider>
      <ThemeProvider>
        <Router>
          <Route path="/login" component={LoginView} />
          <Route component={SignedIn}>
            <Route path="/" component={ClassPickerView} />
            <Route path="/class/:classId" component={ClassView}>
              <Route path="/" />
              <Route path="/student/:studentId" />
            </Route>
          </Route>
          <Route path="*" component={NotFoundView} />
        </Router>
      </ThemeProvider>
    </I18nProvider>
  );
}
