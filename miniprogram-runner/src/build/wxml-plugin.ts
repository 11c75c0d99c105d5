import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Plugin } from 'esbuild'
import { TmplGroup } from 'glass-easel-template-compiler'

/** Lets the runtime's builtin components import their templates: `import { template } from './input.wxml'`. */
export const wxmlPlugin: Plugin = {
  name: 'wxml',
  setup(build) {
    build.onLoad({ filter: /\.wxml$/ }, async ({ path }) => {
      const group = new TmplGroup()
      const name = basename(path, '.wxml')
      const problems = group.addTmpl(name, await readFile(path, 'utf8')) as readonly {
        isError: boolean
        message: string
      }[]
      const error = problems.find((problem) => problem.isError)
      const code = error === undefined ? group.getTmplGenObjectGroups() : ''
      group.free()
      if (error !== undefined) return { errors: [{ text: `${basename(path)}: ${error.message}` }] }
      const contents = `const groupList = ${code}\nexport const template = { groupList, content: groupList[${JSON.stringify(name)}], fallbackListenerOnNativeNode: true }\n`
      return { contents, loader: 'js' }
    })
  },
}
