import { bearerSchema, type ClassResponse, classResponseSchema } from "@cell-monitor/protocol";
import { Api } from "./api.ts";
import { askSecret } from "./ask.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { Output } from "./output.ts";
import { resolveTarget, type Target } from "./target/target.ts";

export interface GlobalOptions {
  readonly url?: string;
  readonly env?: string;
  readonly config: string;
  readonly data: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly yes: boolean;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isId(text: string): boolean {
  return uuid.test(text);
}

/** What a command works with: where its output goes, and the worker it is about. */
export class Context {
  readonly options: GlobalOptions;
  readonly environment: NodeJS.ProcessEnv;
  readonly out: Output;
  #target: Target | undefined;
  #bearer: Promise<string> | undefined;

  constructor(options: GlobalOptions, environment: NodeJS.ProcessEnv) {
    this.options = options;
    this.environment = environment;
    this.out = new Output(process, options);
  }

  get target(): Target {
    return (this.#target ??= resolveTarget(this.options, this.environment));
  }

  /** The API without a credential. */
  get open(): Api {
    return new Api(this.target.url);
  }

  /** The API as its admin, or as who the token in the environment says. */
  get api(): Api {
    return new Api(this.target.url, () => this.bearer());
  }

  bearer(): Promise<string> {
    return (this.#bearer ??= this.#newBearer());
  }

  /** Has the next call get a token of its own, where the last one has expired. */
  signInAgain(): void {
    this.#bearer = undefined;
  }

  async #newBearer(): Promise<string> {
    const token = this.environment["CELL_MONITOR_TOKEN"];
    if (token) return token;
    const adminKey =
      this.target.adminKey ??
      (await askSecret(
        `Admin key of ${this.target.url}`,
        "No credential: set CELL_MONITOR_ADMIN_KEY, CELL_MONITOR_ADMIN_KEY_FILE or CELL_MONITOR_TOKEN.",
      ));
    return (await this.open.call(bearerSchema, "/auth/admin-token", { body: { adminKey } })).token;
  }

  /** A class by its id or its code. */
  async findClass(named: string): Promise<ClassResponse> {
    if (isId(named)) return this.api.call(classResponseSchema, `/classes/${named.toLowerCase()}`);
    const [found] = await this.api.all(classResponseSchema, "/classes", { class_code: named });
    if (found) return found;
    throw new Failure(exitCodes.notFound, "class_not_found", `There is no class with the code ${named}.`);
  }
}
