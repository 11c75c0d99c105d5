import { builtinModules } from 'node:module'
import { build as runBuild, type Plugin } from 'esbuild'
import { findPackage, type InstalledPackage } from './installed-package.ts'

/**
 * A package without a mini-program form as one CommonJS file with all that it requires. Packages made for mini-programs
 * stay outside: they are built on their own.
 * @throws Error when it needs Node's modules.
 */
export async function bundlePackage(found: InstalledPackage): Promise<string> {
  const result = await runBuild({
    stdin: {
      contents: `module.exports = require(${JSON.stringify('./' + (found.main ?? 'index.js'))})`,
      resolveDir: found.directory,
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2017',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [outsidePlugin(found)],
  })
  return result.outputFiles[0]?.text ?? ''
}

function outsidePlugin(found: InstalledPackage): Plugin {
  return {
    name: 'outside',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) => {
        if (builtinModules.includes(path.replace(/^node:/, ''))) {
          return { errors: [{ text: `"${found.name}" needs Node's module "${path}", which mini-programs have not` }] }
        }
        const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/')
        const isMadeForMiniPrograms = findPackage(name, resolveDir).miniprogram !== undefined
        return isMadeForMiniPrograms ? { path, external: true } : undefined
      })
    },
  }
}
