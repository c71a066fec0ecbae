/** The port of a utility process to its app, as the runtime gives it one. */
process.parentPort = {
  on: (event, listener) => void process.on(event, (data) => listener({ data })),
  postMessage: (message) => void process.send(message),
}
// The runtime ends its utility processes with the app.
process.once('disconnect', () => process.exit())
