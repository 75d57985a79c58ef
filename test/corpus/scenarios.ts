/**
 * The labels of the corpus. Links are shaped in user space (`links.ts`), devices and frames are broken in the
 * page, servers and tabs are killed for real. `UNMADE` lists what cannot be produced here.
 */
import type { Topology } from './recording.js'
import type { Scenario } from './scenario.js'
import { base, both, device, everyPage, healthy, ignoreCrash, network } from './scenario-kinds.js'

/** A silent or a still scene is a fault only after a while. */
const SLOW_TO_TELL_S = 20
const WITH_OTHERS: readonly Topology[] = ['mesh', 'sfu', 'mesh']
const SERVER: readonly Topology[] = ['sfu', 'sfu', 'sfu']
const PAIRS: readonly Topology[] = ['pair', 'pair', 'mesh']

/** Faults that are asked for and cannot be made on one machine without devices; they are not faked. */
export const UNMADE: readonly { readonly label: string; readonly why: string }[] = [
  { label: 'browser-muted', why: 'only a real device or its driver makes Chromium mute a capture track' },
  {
    label: 'device-unplugged',
    why: 'the fake device of Chromium cannot be pulled out; camera-ended ends the track instead',
  },
  {
    label: 'wifi-to-cellular',
    why: 'one machine has no second access network; path-change moves the address instead',
  },
  { label: 'hidden-tab', why: 'pages of a headless browser are always visible' },
  { label: 'sleep', why: 'a machine that measures cannot suspend itself' },
]

/** All that are recorded. */
export const SCENARIOS: readonly Scenario[] = [
  healthy('healthy-talk', 'two or three people talk; links of 10 to 40 ms', async (stage, take) => {
    for (const link of stage.links.values()) both(link, { delayMs: 10 + 10 * take.number })
  }),
  healthy('healthy-static', 'nobody moves; the camera only shows the noise of its sensor', async (stage) => {
    await everyPage(stage, () => window.corpus.camera('still'))
  }),
  healthy('healthy-muted', 'one person mutes the microphone and says so', async (stage, take) => {
    await stage.until(take.fromMs)
    await stage.page(take.at).evaluate(() => window.corpus.mute('audio', 'muted'))
  }),
  healthy('healthy-paused', 'one person pauses the camera and says so', async (stage, take) => {
    await stage.until(take.fromMs)
    await stage.page(take.at).evaluate(() => window.corpus.pause('video'))
  }),
  healthy(
    'healthy-camera-muted',
    'one person covers the camera in the app (disabled track) and says so',
    async (stage, take) => {
      await stage.until(take.fromMs)
      await stage.page(take.at).evaluate(() => window.corpus.mute('video', 'muted'))
    },
  ),
  network('loss-low', 'network-down', '3 to 6 % of the packets towards one person are lost', (link, take) => {
    link.down.lossRatio = 0.03 * take.strength
  }),
  network('loss-high', 'network-down', '18 to 30 % towards one person are lost', (link, take) => {
    link.down.lossRatio = 0.18 * take.strength
  }),
  network('loss-up', 'network-up', '15 to 25 % from one person are lost', (link, take) => {
    link.up.lossRatio = 0.15 * take.strength
  }),
  network(
    'loss-burst',
    'network',
    'Gilbert-Elliott, runs of 8 packets, 10 to 16 % in all, both ways',
    (link, take) => {
      const burst = { toBad: 0.014 * take.strength, toGood: 0.125 }
      both(link, { burst })
    },
  ),
  network('delay-step', 'network', 'a round trip jumps to 0.7 to 1 s', (link, take) => {
    both(link, { delayMs: 350 * take.strength })
  }),
  network('jitter', 'network', 'up to 150 ms are added at random to each packet', (link, take) => {
    both(link, { jitterMs: 150 * take.strength })
  }),
  network('uplink-rate', 'network-up', 'the uplink shrinks to 90 kbit/s', (link, take) => {
    Object.assign(link.up, { rateBps: 90_000 / take.strength, queueMs: 300 })
  }),
  network('downlink-rate', 'network-down', 'the downlink shrinks to 120 kbit/s', (link, take) => {
    Object.assign(link.down, { rateBps: 120_000 / take.strength, queueMs: 300 })
  }),
  network('bufferbloat', 'network-up', 'the uplink shrinks behind a queue of 1.5 s', (link, take) => {
    Object.assign(link.up, { rateBps: 130_000 / take.strength, queueMs: 1500 })
  }),
  {
    ...base(
      'bandwidth-drop',
      'network',
      'RFC 8867 5.1 in a quarter of the time: 1, 2.5, 0.6 (fault: 0.12), 1 Mbit/s',
    ),
    seconds: 20,
    leadMs: 2000,
    async inject(stage, take, tools) {
      const link = stage.link(take.at)
      both(link, { delayMs: 50, queueMs: 300, rateBps: 1_000_000 })
      await stage.until(3_000)
      both(link, { rateBps: 2_500_000 })
      await stage.until(take.fromMs)
      both(link, { rateBps: 120_000 / take.strength })
      await stage.until(take.fromMs + 9_000)
      both(link, { rateBps: 1_000_000 })
      tools.ended(take.fromMs + 9_000)
    },
  },
  {
    ...base('black-hole-short', 'network', 'nothing passes one link for 3 to 4 s'),
    async inject(stage, take, tools) {
      const lastsMs = 3000 * Math.min(1.3, take.strength)
      await stage.until(take.fromMs)
      both(stage.link(take.at), { isBlocked: true })
      await stage.until(take.fromMs + lastsMs)
      both(stage.link(take.at), { isBlocked: false })
      tools.ended(take.fromMs + lastsMs)
    },
  },
  {
    ...base('black-hole-long', 'network', 'nothing passes one link any more'),
    seconds: 15,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      both(stage.link(take.at), { isBlocked: true })
    },
  },
  {
    ...base('network-gone', 'network', 'one page loses the network: media and signaling'),
    async inject(stage, take) {
      await stage.until(take.fromMs)
      stage.cutPresence(take.at, true)
      await stage.page(take.at).evaluate((url) => window.corpus.cutOff(url), stage.silentUrl)
      both(stage.link(take.at), { isBlocked: true })
    },
  },
  network('one-way-up', 'network-up', 'nothing leaves one page any more, everything arrives', (link) => {
    link.up.isBlocked = true
  }),
  network('one-way-down', 'network-down', 'nothing reaches one page any more, everything leaves', (link) => {
    link.down.isBlocked = true
  }),
  {
    ...base('path-dead', 'path', 'the path between two of three people dies, the others live', [
      'mesh',
      'mesh',
      'mesh',
    ]),
    isNobodys: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      const other = stage.ids.find((id) => id !== take.at) ?? ''
      for (const { between, path } of stage.paths)
        if (between.includes(take.at) && between.includes(other)) path.block(true)
    },
  },
  {
    ...base('path-change', 'path', 'a NAT forgets its mapping: packets come from another port', PAIRS),
    isNobodys: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      for (const { between, path } of stage.paths) if (between.includes(take.at)) await path.rebind()
    },
  },
  {
    ...base('provider-kill', 'provider', 'SIGKILL for the SFU', SERVER),
    isNobodys: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      await stage.dev?.kill('east')
    },
  },
  {
    ...base('provider-hang', 'provider', 'SIGSTOP for the SFU', SERVER),
    isNobodys: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      await stage.dev?.hang('east')
    },
  },
  {
    ...base(
      'token-expired',
      'provider',
      'the token runs out: renewing is answered with 401, media goes on for now',
      SERVER,
    ),
    async inject(stage, take) {
      await stage.until(take.fromMs)
      await stage.page(take.at).evaluate((url) => window.corpus.renew(url), stage.refusingUrl)
    },
  },
  device('camera-ended', 'the camera track ends', (stage, take) =>
    stage.page(take.at).evaluate(() => window.corpus.endDevice('video')),
  ),
  device('camera-stalled', 'the camera delivers no frames, its track stays live', (stage, take) =>
    stage.page(take.at).evaluate(() => window.corpus.camera('dead')),
  ),
  device(
    'microphone-silent',
    'the microphone delivers zeros, its track stays live and enabled',
    (stage, take) => stage.page(take.at).evaluate(() => window.corpus.microphone('silent')),
    SLOW_TO_TELL_S,
  ),
  device('microphone-ended', 'the microphone track ends', (stage, take) =>
    stage.page(take.at).evaluate(() => window.corpus.endDevice('audio')),
  ),
  device(
    'picture-black',
    'the camera delivers black pictures',
    (stage, take) => stage.page(take.at).evaluate(() => window.corpus.camera('black')),
    SLOW_TO_TELL_S,
  ),
  device(
    'picture-static',
    'the driver repeats one picture exactly',
    (stage, take) => stage.page(take.at).evaluate(() => window.corpus.camera('stuck')),
    SLOW_TO_TELL_S,
  ),
  {
    ...base(
      'decoder-stall',
      'browser',
      'one decoder gets only garbage: what others send to that page is garbled behind their encoders',
      ['mesh', 'mesh', 'mesh'],
    ),
    hasTransforms: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      for (const id of stage.ids.filter((one) => one !== take.at))
        await stage
          .page(id)
          .evaluate((to) => window.corpus.fault(`out:video:${to}`, { kind: 'garble' }), take.at)
    },
  },
  {
    ...base(
      'frames-corrupt',
      'browser',
      'bytes in the frames of one sender are flipped after encoding',
      WITH_OTHERS,
    ),
    hasTransforms: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      await stage.page(take.at).evaluate(() => window.corpus.fault('out:video', { kind: 'flip' }))
    },
  },
  {
    ...base(
      'av-drift',
      'browser',
      'pictures of one sender are held back longer and longer, 400 ms/s, up to 3 s',
      PAIRS,
    ),
    seconds: 20,
    leadMs: 6000,
    hasTransforms: true,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      const value = 400 * take.strength
      await stage
        .page(take.at)
        .evaluate((delay) => window.corpus.fault('out:video', { kind: 'delay', value: delay }), value)
    },
  },
  {
    ...base('cpu-starved', 'cpu', 'the whole browser of one person gets 5 to 7 % of a core', WITH_OTHERS),
    isStarved: true,
    async inject(stage, take, tools) {
      await stage.until(take.fromMs)
      await tools.starve(0.07 / take.strength)
    },
  },
  {
    ...base('relay-in-use', 'none', 'the pages reach each other through a TURN server', PAIRS),
    isRelayed: true,
    isNobodys: true,
    isFromStart: true,
    inject: async () => undefined,
  },
  {
    ...base('peer-crashed', 'app', 'the tab of one person crashes'),
    async inject(stage, take) {
      await stage.until(take.fromMs)
      const page = stage.page(take.at)
      const session = await page.context().newCDPSession(page)
      // Never answered: who could answer is gone.
      void session.send('Page.crash').catch(ignoreCrash)
    },
  },
]
