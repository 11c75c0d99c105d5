import { addGlobalErrorListener, Element as WxElement, globalOptions } from 'glass-easel'
import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter'
import type { AppBundle, Theme } from './app-bundle.ts'
import { PhoneBackend } from './backend.ts'
import { DefinitionSpace, scopeName } from './definitions.ts'
import { listenForWarnings } from './framework-warnings.ts'
import { PhoneFrame } from './frame/phone-frame.ts'
import type { Control, CreateWx, Host, RegisterBuiltins, RunnerConfig } from './host.ts'
import { ApplicationLife } from './life.ts'
import { ModuleLoader } from './modules.ts'
import { directoryOf, joinPath } from './page-url.ts'
import { createReadyBehavior } from './ready-lifetime.ts'
import { describeError, RunReport } from './report.ts'
import { PageRouter } from './router.ts'
import { makeSandboxGlobal } from './sandbox-global.ts'
import { installSetDataMeter } from './set-data-meter.ts'
import { StyleSheets } from './styles.ts'
import { registerTemplates } from './templates.ts'
import { WxBehaviors } from './wx-behaviors.ts'
import { watchUnknownNames } from './wx-names.ts'
import { WxsHooks } from './wxs.ts'

/** The wx layer and the builtin components. */
export interface BootParts {
  readonly createWx: CreateWx
  readonly registerBuiltins: RegisterBuiltins
}

/** Starts the program in this document: frame, framework, app.js, first page. */
export function boot(bundle: AppBundle, config: RunnerConfig, parts: BootParts): Host {
  // #id and class prefixes are seen in the DOM: selectors of WXSS, tests and WXS use them.
  globalOptions.writeExtraInfoToAttr = true
  const report = new RunReport()
  const path = config.path ?? bundle.pages[0] ?? ''
  const darkMode = matchMedia('(prefers-color-scheme: dark)')
  const themeOf = (isDark: boolean): Theme => (isDark && bundle.hasDarkMode ? 'dark' : 'light')
  const life = new ApplicationLife(
    { path, query: config.query, scene: config.scene },
    themeOf(darkMode.matches),
    report,
  )
  listenForErrors(life, report)
  const styles = new StyleSheets(bundle.style)
  const hooks = new WxsHooks((where, err) => life.failed(where, err))

  const env = new MiniProgramEnv()
  const space = env.createCodeSpace('main', true)
  space.setOverallBehavior(createReadyBehavior(space.getComponentSpace()))
  const behaviors = new WxBehaviors(space)
  const definitions = new DefinitionSpace(space, bundle, styles, behaviors, report)
  registerTemplates(space, bundle, hooks)
  installSetDataMeter(report)

  const frame: PhoneFrame = new PhoneFrame(
    bundle.tabBar,
    {
      back: () => router.tapBack(),
      home: () => router.tapHome(),
      tab: (pagePath, index) => router.tapTab(pagePath, index),
      share: () => router.tapShare(),
      canShare: () => router.canShare(),
    },
    (asset) => rootUrl(asset),
  )
  frame.element.classList.toggle('mp-style-v2', bundle.hasNewStyle)
  document.body.append(frame.element)
  const viewport = { origin: () => frame.pageArea.getBoundingClientRect(), size: () => windowSize(frame) }
  measureFromPageArea(viewport.origin)
  const phone = new PhoneBackend(viewport, new Set(Object.keys(bundle.entries).map(scopeName)))
  phone.listen()
  const backend = env.associateBackend(phone)

  const wx: Record<string, unknown> = {}
  const loader = new ModuleLoader(bundle, definitions, {
    wx: watchUnknownNames(wx, report),
    App: (definition: Record<string, unknown>) => life.define(definition),
    ...definitions.definers,
    getApp: (wish?: { readonly allowDefault?: boolean }) => life.getApp(wish),
    getCurrentPages: () => router.pages().map((page) => page.instance),
    globalThis: makeSandboxGlobal(),
  })
  const definedAs = (route: string): 'page' | 'component' | undefined => definitions.definedAs(route)
  const maker = { bundle, loader, backend, space, life, pageArea: frame.pageArea, definedAs }
  const router: PageRouter = new PageRouter(maker, frame, styles, report)

  const host: Host = {
    config,
    mocks: new Map(Object.entries(config.mocks)),
    router,
    life,
    frame,
    report,
    assetUrl: (src, owner) => assetUrl(src, owner?.is),
    formFieldOf: (component) => behaviors.formFieldOf(component),
    controls: new Map<string, Control>(),
  }
  parts.registerBuiltins(space.getComponentSpace(), host)
  Object.assign(wx, parts.createWx(host))
  start(bundle, loader, life, router)
  darkMode.addEventListener('change', ({ matches }) => {
    router.changeTheme(themeOf(matches))
    life.changeTheme(themeOf(matches))
  })
  window.addEventListener('resize', () => {
    frame.resized()
    router.resized(windowSize(frame))
    life.emit('resize', toResize(frame))
  })
  return host
}

function start(bundle: AppBundle, loader: ModuleLoader, life: ApplicationLife, router: PageRouter): void {
  try {
    loader.load(bundle.appModule)
  } catch (err) {
    life.failed('app.js', err)
  }
  life.launch(router)
  try {
    router.launch(life.launchOptions.path, life.launchOptions.query)
  } catch (err) {
    life.failed(life.launchOptions.path, err)
  }
}

function listenForErrors(life: ApplicationLife, report: RunReport): void {
  addGlobalErrorListener((err, method) => {
    life.failed(method ?? 'handler', err)
    // Reported: the framework need not print it as well.
    return false
  })
  listenForWarnings(report)
  window.addEventListener('error', (ev) => life.failed('uncaught', ev.error ?? ev.message))
  window.addEventListener('unhandledrejection', (ev) => {
    life.rejected(ev.reason)
    console.error(`unhandled rejection: ${describeError(ev.reason)}`)
  })
}

/** WeChat measures from the corner of the page area, the browser from the corner of the screen. */
function measureFromPageArea(origin: () => { readonly left: number; readonly top: number }): void {
  const measure = Reflect.get(WxElement.prototype, 'getBoundingClientRect')
  type Measured = Parameters<Parameters<typeof measure>[0]>[0]
  WxElement.prototype.getBoundingClientRect = function (this: WxElement, callback: (rect: Measured) => void): void {
    Reflect.apply(measure, this, [
      (rect: Measured) => {
        const { left, top } = origin()
        callback({ left: rect.left - left, top: rect.top - top, width: rect.width, height: rect.height })
      },
    ])
  }
}

function windowSize(frame: PhoneFrame): { readonly width: number; readonly height: number } {
  const { windowWidth, windowHeight } = frame.metrics()
  return { width: windowWidth, height: windowHeight }
}

function toResize(frame: PhoneFrame): { readonly windowWidth: number; readonly windowHeight: number } {
  const { windowWidth, windowHeight } = frame.metrics()
  return { windowWidth, windowHeight }
}

function assetUrl(src: string, ownerPath: string | undefined): string {
  if (src === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(src)) return src
  return rootUrl(joinPath(directoryOf(ownerPath ?? ''), src))
}

function rootUrl(path: string): string {
  return `/${path.replace(/^\/+/, '')}`
}
