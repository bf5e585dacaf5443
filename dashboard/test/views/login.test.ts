import { cleanup, fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeServer, installFakeServer, me, refusal } from "../fixtures/fake-server.ts";
import { showPage } from "../fixtures/show-page.tsx";

describe("signing in", () => {
  let server: FakeServer;
  beforeEach(() => {
    server = installFakeServer();
  });
  afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
  });

  const redeemed = () => server.requests.filter(({ route }) => route.endsWith("/redeem"));

  it("spends a link on a click only, since scanners open links too", async () => {
    showPage("/login#s3cret");
    const button = await screen.findByRole("button", { name: "Sign in" });
    expect(redeemed()).toEqual([]);
    fireEvent.click(button);
    await vi.waitFor(() => expect(location.pathname).toBe("/class/class-1"));
    expect(redeemed()).toEqual([
      { route: "POST /api/v1/auth/login-link/redeem", body: { secret: "s3cret" } },
    ]);
  });

  it("leaves no secret in the address bar", async () => {
    server.answers.set("POST /api/v1/auth/login-link/redeem", refusal(401, "login_link_spent"));
    showPage("/login#s3cret");
    fireEvent.click(await screen.findByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("already used");
    expect(location.hash).toBe("");
    expect(screen.queryByRole("button", { name: "Sign in" })).toBeNull();
  });

  it("keeps the link for another try when the server can't be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    showPage("/login#s3cret");
    fireEvent.click(await screen.findByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("could not be reached");
    expect(location.hash).toBe("#s3cret");
    expect(screen.getByRole("button", { name: "Sign in" })).toBeTruthy();
  });

  it("says where a link comes from to who has none", async () => {
    showPage("/login");
    expect(await screen.findByText(/sign-in link you were given/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Sign in" })).toBeNull();
  });

  it("brings who wasn't signed in back to where they wanted to be", async () => {
    server.answers.set("GET /api/v1/auth/me", refusal(401, "unauthenticated"));
    showPage("/class/class-1/student/student-2");
    await vi.waitFor(() => expect(location.pathname).toBe("/login"));
    server.answers.set("GET /api/v1/auth/me", { status: 200, body: me });
    cleanup();
    showPage(`${location.pathname}${location.search}#s3cret`);
    fireEvent.click(await screen.findByRole("button", { name: "Sign in" }));
    await vi.waitFor(() => expect(location.pathname).toBe("/class/class-1/student/student-2"));
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "/login"])(
    "lets a link not lead to %s",
    async (next) => {
      showPage(`/login?next=${encodeURIComponent(next)}#s3cret`);
      fireEvent.click(await screen.findByRole("button", { name: "Sign in" }));
      await vi.waitFor(() => expect(location.pathname).toBe("/class/class-1"));
    },
  );

  describe("at the institution", () => {
    const withProvider = (name: string | null = "Example University") =>
      server.answers.set("GET /api/v1/auth/methods", {
        status: 200,
        body: { loginLink: true, oidc: { name } },
      });

    it("is offered where there is a provider, and leads back to where one wanted to be", async () => {
      withProvider();
      showPage("/login?next=%2Fclass%2Fclass-1%2Fstudent%2Fstudent-2");
      const link = await screen.findByRole("link", { name: "Sign in with Example University" });
      expect(link.getAttribute("href")).toBe(
        "/api/v1/auth/oidc/start?next=%2Fclass%2Fclass-1%2Fstudent%2Fstudent-2",
      );
      expect(screen.getByText(/Or open the sign-in link/)).toBeTruthy();
    });

    it("has a name of its own where the provider has none, and is not offered where there is none", async () => {
      withProvider(null);
      showPage("/login");
      expect(await screen.findByRole("link", { name: "Sign in with your institution" })).toBeTruthy();
      cleanup();
      server.answers.set("GET /api/v1/auth/methods", { status: 200, body: { loginLink: true, oidc: null } });
      showPage("/login");
      await screen.findByText(/sign-in link you were given/);
      expect(screen.queryByRole("link", { name: /Sign in with/ })).toBeNull();
    });

    it.each([
      ["unknown_person", "Nobody has added you to a class yet"],
      ["unverified_email", "has not verified your e-mail address"],
      ["other_account", "Another account"],
      ["cancelled", "cancelled"],
      ["expired", "took too long"],
      ["invalid", "does not belong to this sign-in"],
      ["unavailable", "did not answer as it should"],
      ["not_set_up", "not set up here"],
    ])("says what went wrong with %s, and lets one try again", async (code, sentence) => {
      withProvider();
      showPage(`/login?error=${code}`);
      expect((await screen.findByRole("alert")).textContent).toContain(sentence);
      const link = await screen.findByRole("link", { name: "Sign in with Example University" });
      expect(link.getAttribute("href")).toContain("again=true");
    });

    it.each(["constructor", "<img src=x>", ""])(
      "shows nothing of an error that there is not: %s",
      async (code) => {
        withProvider();
        showPage(`/login?error=${encodeURIComponent(code)}`);
        await screen.findByRole("link", { name: "Sign in with Example University" });
        expect(screen.queryByRole("alert")).toBeNull();
      },
    );
  });

  describe("the way out", () => {
    const open = async () => {
      server.answers.set("GET /api/v1/auth/me", { status: 200, body: { ...me, classes: [] } });
      showPage("/");
      return screen.findByRole("button", { name: "Sign out", hidden: true });
    };

    it("leads to the login page", async () => {
      fireEvent.click(await open());
      await vi.waitFor(() => expect(location.pathname).toBe("/login"));
      expect(server.requests.map(({ route }) => route)).toContain("POST /api/v1/auth/oidc/logout");
    });

    it("ends what is open on every device", async () => {
      await open();
      fireEvent.click(screen.getByRole("button", { name: "Sign out on every device", hidden: true }));
      await vi.waitFor(() => expect(location.pathname).toBe("/login"));
      expect(server.requests.map(({ route }) => route)).toContain("POST /api/v1/auth/logout-everywhere");
    });

    it("says so where not every class was reached", async () => {
      server.answers.set("POST /api/v1/auth/logout-everywhere", refusal(503, "unavailable"));
      await open();
      fireEvent.click(screen.getByRole("button", { name: "Sign out on every device", hidden: true }));
      expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("Try again");
      expect(location.pathname).toBe("/");
    });
  });

  it("lets who has several classes choose", async () => {
    const classes = ["one", "two"].map((id) => ({ id, name: `Class ${id}`, code: id }));
    server.answers.set("GET /api/v1/auth/me", {
      status: 200,
      body: { id: "ada", role: "instructor", name: "Ada", classes },
    });
    showPage("/");
    const link = await screen.findByRole("link", { name: /Class two/ });
    expect(link.getAttribute("href")).toBe("/class/two");
  });

  it("says that something went wrong, and tries again when asked", async () => {
    server.answers.set("GET /api/v1/auth/me", refusal(503, "unavailable"));
    showPage("/");
    expect((await screen.findByRole("alert")).textContent).toContain("Refused: unavailable.");
    server.answers.set("GET /api/v1/auth/me", { status: 200, body: me });
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await vi.waitFor(() => expect(location.pathname).toBe("/class/class-1"));
  });
});
