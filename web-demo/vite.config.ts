import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const GATEWAY = process.env['GATEWAY'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [vue()],
  // Wherever the gateway serves it from.
  base: './',
  build: {
    target: 'es2022',
    // The content policy allows no inline script, and no data: beside pictures.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  // web-demo/dev.ts runs both.
  server: { proxy: { '/im': { target: GATEWAY, ws: true } } },
})
