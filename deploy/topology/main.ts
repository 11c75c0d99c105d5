import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ROOT } from '../../tools/root.ts'
import { missingForTopology, prepareTopology } from './prepare.ts'
import { startTopology, trustedEnvironment } from './topology.ts'

// npm run topology [-- --gateways 2] [--demo]: the services of docker-compose.yml as processes, until Ctrl-C.
// --image-root FOLDER: the gateways are those of an image that is mounted there (docs/DEPLOYMENT.md).
// npm run topology -- --rehearse: starts them, plays the faults of docs/DEPLOYMENT.md with real clients, and says what it saw.

const { values } = parseArgs({
  options: {
    gateways: { type: 'string', default: '2' },
    demo: { type: 'boolean', default: false },
    rehearse: { type: 'boolean', default: false },
    'image-root': { type: 'string' },
  },
})

const missing = missingForTopology()
if (missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else if (values.rehearse) {
  process.exitCode = await rehearse()
} else {
  await runUntilInterrupted()
}

/** In a child: Node reads the certificates that it trusts when it starts. */
async function rehearse(): Promise<number> {
  const prepared = prepareTopology(ROOT, process.pid)
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--import',
      'tsx',
      'deploy/topology/rehearsal.ts',
      JSON.stringify({ ...prepared, imageRoot: values['image-root'] }),
    ],
    { cwd: ROOT, stdio: 'inherit', env: trustedEnvironment(prepared.folder) },
  )
  const code = await new Promise<number>((resolve) => child.once('exit', (exitCode) => resolve(exitCode ?? 1)))
  if (code === 0) rmSync(prepared.folder, { recursive: true, force: true })
  else console.error(`logs are in ${prepared.folder}`)
  return code
}

async function runUntilInterrupted(): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const prepared = prepareTopology(ROOT, process.pid)
  const topology = await startTopology({
    ...prepared,
    gateways: Number(values.gateways),
    imageRoot: values['image-root'],
    settings: values.demo ? { DEMO: 'on' } : {},
  })
  console.log(`page       ${topology.balancer.https}/`)
  console.log(`balancer   ${topology.balancer.admin}/balancer`)
  for (const { name, url, pid } of topology.gateways()) console.log(`${name}  ${url}  (pid ${pid})`)
  console.log(`certificate, secrets, logs: ${prepared.folder}\nCtrl-C ends it.`)
  await stopped
  await topology.stop()
  rmSync(prepared.folder, { recursive: true, force: true })
}
