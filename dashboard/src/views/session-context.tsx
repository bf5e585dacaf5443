import type { Me } from "@cell-monitor/protocol";
import { Navigate, useLocation } from "@solidjs/router";
import {
  createContext,
  createResource,
  createSignal,
  Match,
  type ParentProps,
  Show,
  Switch,
  useContext,
} from "solid-js";
import type { ApiFailure } from "../api/client.ts";
import { getMe } from "../api/session.ts";
import { TopBar } from "../components/TopBar.tsx";
import { GridSkeleton } from "../components/GridSkeleton.tsx";
import { FailureView } from "./FailureView.tsx";

interface Session {
  readonly me: Me;
  /** The server has ended the session. */
  refused(): void;
}

const SessionContext = createContext<Session>();

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("There is no SignedIn around this component.");
  return session;
}

/** Shows its children to who is signed in, and sends others to the login page, to come back from there. */
export function SignedIn(props: ParentProps) {
  const location = useLocation();
  const [answer, { refetch }] = createResource(getMe);
  const [wasRefused, setRefused] = createSignal(false);
  const failure = (): ApiFailure | undefined => {
    const given = answer();
    return given && !given.ok ? given : undefined;
  };
  const me = () => {
    const given = answer();
    return given?.ok ? given.value : undefined;
  };
  const loginPath = () => {
    const query = new URLSearchParams({ next: location.pathname, ...(wasRefused() && { refused: "1" }) });
    return `/login?${query}`;
  };

  return (
    <Switch
      fallback={
        <>
          <TopBar />
          <GridSkeleton />
        </>
      }
    >
      <Match when={wasRefused() || failure()?.status === 401}>
        <Navigate href={loginPath()} />
      </Match>
      <Match when={failure()}>
        {(given) => <FailureView failure={given()} onRetry={() => void refetch()} />}
      </Match>
      <Match when={me()}>
        {(known) => (
          <SessionContext.Provider
            value={{
              get me() {
                return known();
              },
              refused: () => setRefused(true),
            }}
          >
            <Show when={known()}>{props.children}</Show>
          </SessionContext.Provider>
        )}
      </Match>
    </Switch>
  );
}
