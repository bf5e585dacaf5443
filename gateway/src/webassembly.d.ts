/** What is used of WebAssembly: its types come with those of browsers only. */
declare namespace WebAssembly {
  class Module {
    private readonly opaque: never;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
