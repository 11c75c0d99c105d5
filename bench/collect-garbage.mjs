// Loaded into a server under measurement: collects its garbage when it is told to, so that what is measured is what it holds
// and not when V8 last found it worth while. Needs --expose-gc.
process.on('SIGUSR2', () => {
  globalThis.gc()
  globalThis.gc()
})
