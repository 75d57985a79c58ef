import { describe, expect, it } from 'vitest'
import { withOwnTrackNames } from '../../../../src/providers/janus/track-names.js'

const rename = (sdp: string): string | undefined => withOwnTrackNames({ type: 'offer', sdp }, 'x1').sdp

describe('track names', () => {
  it('gives every track of an offer a name of its own', () => {
    const sdp = 'm=audio 9\r\na=msid:janus janus0\r\na=mid:0\r\nm=video 9\r\na=msid:janus janus1\r\n'
    expect(rename(sdp)).toBe(
      'm=audio 9\r\na=msid:x1-janus x1-janus0\r\na=mid:0\r\nm=video 9\r\na=msid:x1-janus x1-janus1\r\n',
    )
  })

  it('follows the older form at the source and keeps a track without a stream without one', () => {
    expect(rename('a=ssrc:7 msid:janus janus0\r\na=msid:- t\r\n')).toBe(
      'a=ssrc:7 msid:x1-janus x1-janus0\r\na=msid:- x1-t\r\n',
    )
  })

  it('leaves everything else alone', () => {
    const sdp = 'v=0\r\na=msid-semantic: WMS janus\r\na=group:BUNDLE 0 1\r\n'
    expect(rename(sdp)).toBe(sdp)
  })
})
