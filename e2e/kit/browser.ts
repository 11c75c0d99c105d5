// One Chromium for all: found and started as the mini-program runner, a package of its own, does it.
export { findChromium, launchChromium as launchBrowser } from '../../miniprogram-runner/src/driver/chromium.ts'
