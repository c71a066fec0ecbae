/**
 * Stands in for the runtime of the desktop app under plain Node: enough of it that the shell starts, holds an engine and
 * ends. Windows, trays and pages are empty objects that take any call. For the one thing that no older Electron can show.
 */
const { fork } = require('node:child_process')
const { EventEmitter } = require('node:events')
const { join } = require('node:path')

const anything = () =>
  new Proxy(function empty() {}, {
    get: (_target, name) => (name === Symbol.toPrimitive ? () => '' : name === 'then' ? undefined : anything()),
    apply: () => anything(),
    construct: () => anything(),
  })

class App extends EventEmitter {
  isPackaged = process.env.STAND_IN_PACKAGED === '1'
  appPath = process.argv[1]
  commandLine = {
    hasSwitch: (name) => process.argv.includes(`--${name}`),
    getSwitchValue: (name) => process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? '',
    appendSwitch() {},
  }
  getAppPath() {
    return this.appPath
  }
  disableHardwareAcceleration() {}
  whenReady() {
    return new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
  getVersion() {
    return '0.0.0'
  }
  setName() {}
  setPath() {}
  setAppUserModelId() {}
  requestSingleInstanceLock() {
    return true
  }
  getLoginItemSettings() {
    return { openAtLogin: false }
  }
  quit() {
    let prevented = false
    this.emit('before-quit', {
      preventDefault: () => {
        prevented = true
      },
    })
    if (!prevented) process.exit(0)
  }
  exit(code) {
    process.exit(code)
  }
}

// The arguments of a package begin with the first that was given.
const app = new App()
if (app.isPackaged) process.argv.splice(1, 1)

/** A process of this Node with the port of a utility process. */
function forkUtility(entry, args, { env, cwd, execArgv = [] }) {
  const child = fork(entry, args, {
    env,
    cwd,
    execArgv: [...execArgv, '-r', join(__dirname, 'parent-port.cjs')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.postMessage = (message) => child.send(message, () => {})
  return child
}

const electron = new Proxy(
  { app, screen: { getAllDisplays: () => [] }, utilityProcess: { fork: forkUtility } },
  { get: (target, name) => target[name] ?? anything() },
)
const Module = require('node:module')
const load = Module._load
Module._load = function loadStandIn(request, ...rest) {
  return request === 'electron' ? electron : load.call(this, request, ...rest)
}
