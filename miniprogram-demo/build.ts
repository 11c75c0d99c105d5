import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildNpm } from '../miniprogram-runner/src/index.ts'

// `npx tsx --conditions=source miniprogram-demo/build.ts`: what "Build npm" of WeChat devtools does, and one thing more.

const root = fileURLToPath(new URL('./', import.meta.url))
const outDir = `${root}miniprogram/miniprogram_npm`
const built = await buildNpm({ packageJson: `${root}package.json`, outDir })
await removeForeignFont(`${outDir}/tdesign-miniprogram/icon/icon.wxss`)
for (const { name, version } of built) console.log(`${name} ${version}`)

/** TDesign's icons come from its makers' server. This application has its own, and asks nobody but the school. */
async function removeForeignFont(file: string): Promise<void> {
  const style = await readFile(file, 'utf8')
  await writeFile(file, style.replace(/@font-face\{[^}]*\}/g, ''))
}
