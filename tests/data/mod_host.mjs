// Loads a mod as Claude Code does, with the documented calls, and plays a session: prints what it drew, as JSON.
// node mod_host.mjs REGISTER.JS SCENE; the scene is JSON: { props, program, steps }
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'

const [file, scene] = [process.argv[2], JSON.parse(process.argv[3])]
const handlers = {}
const timers = []
let runs = 0
let running = 0
let mostAtOnce = 0
let redraws = 0

function run(argv, { stdin, env, timeoutMs }) {
  runs++
  mostAtOnce = Math.max(mostAtOnce, ++running)
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env: { ...process.env, ...env } })
    const timer = setTimeout(() => child.kill('SIGKILL'), Math.min(timeoutMs, scene.patienceMs ?? timeoutMs))
    let stdout = ''
    child.stdout.on('data', (data) => (stdout += data))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer)
      running--
      if (signal) reject(new Error('it took too long'))
      else resolve({ exitCode, stdout, stderr: '' })
    })
  })
}

const session = scene.session
const $ = {
  clock: { every: (ms, call) => timers.push([ms, call]) },
  process: { run },
  ui: { invalidate: () => redraws++ },
  session: {
    usage: async () => session.usage,
    model: async () => session.model,
    cwd: async () => session.cwd,
    id: async () => session.id,
    root: async () => session.root,
    version: async () => ({ version: '2.1.332' }),
    info: async () => ({ transcriptPath: '/t.jsonl' }),
  },
}
const { register } = await import(pathToFileURL(file).href)
register((event, ...rest) => (handlers[event] = rest.at(-1)))
const next = async (event) => event
const settle = async () => {
  for (let n = 0; n < 400 && (running || n < 3); n++) await new Promise((resolve) => setTimeout(resolve, 25))
}
const drawn = []
for (const step of scene.steps) {
  if (step === 'start') await handlers['session.start']($, {}, next)
  else if (step === 'measure') await handlers['session.measure']($, {}, next)
  else if (step === 'timer') timers.forEach(([, call]) => call())
  else if (step === 'settle') await settle()
  else {
    const event = { component: 'StatusLine', props: { text: null, isManaged: false, columns: 116, maxRows: 5, ...step } }
    drawn.push((await handlers['ui.render']($, event, next)).props.text)
  }
}
await settle()
console.log(JSON.stringify({ drawn, runs, mostAtOnce, redraws, everyMs: timers.map(([ms]) => ms) }))
process.exit(0)
