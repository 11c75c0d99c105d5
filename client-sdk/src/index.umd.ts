export { default } from './index.ts'
