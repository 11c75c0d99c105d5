import { networkInterfaces } from 'node:os'
import type { Config } from './config/config.ts'
import { DEMO_PEOPLE } from './demo-people.ts'

/** What a person reads once the server listens. */
export function welcomeText(config: Config, port: number): string {
  const lines = [
    '',
    '  鸿雁 Hongyan is ready 已就绪',
    '',
    ...addresses(config.http.host, port).map((address) => `  ${address}`),
    `  SDKAppID ${config.sdkAppId}`,
    ...(config.demo === 'on' ? demoLines() : []),
    '',
    '  sign a userSig 签发 userSig:  npm run usersig -- t_2001 --expire 86400',
    '  stop 停止:  Ctrl-C',
    '',
    '',
  ]
  return lines.join('\n')
}

function demoLines(): readonly string[] {
  const users = DEMO_PEOPLE.map(({ userID, nick }) => `${userID} ${nick}`).join(' · ')
  return [
    `  demo users 演示用户:  ${users}`,
    '  DEMO is on: anybody may sign in as anybody. 演示模式:任何人可以任意身份登录。',
  ]
}

function addresses(host: string, port: number): readonly string[] {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const hosts = isEverywhere ? ['127.0.0.1', ...ownAddresses()] : [host]
  return hosts.map((name) => `http://${name.includes(':') ? `[${name}]` : name}:${port}/`)
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}
