/** In place of peer connections made in quiet times: they are made when they are needed, some 30 ms each. */
export const DEVICES = ['microphone', 'camera']
export const openStash = () => ({ take: () => null, fillLater: () => undefined, release: () => undefined })
