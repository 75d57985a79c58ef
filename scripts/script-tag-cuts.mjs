/**
 * What the script-tag file leaves out of its packages: parts that Holdfast never calls, by file of the package.
 * Data of others stays whole: what a foreign document holds is read, kept and passed on as the packages
 * themselves would (`test/packaging/script-tag-cuts.test.ts` compares them).
 */

/** yjs: the document is one map of strings, and other people's types are carried without being understood. */
const YJS = {
  drop: [
    ...members(
      'Doc',
      'load getSubdocs getSubdocGuids transact getArray getText getXmlElement getXmlFragment toJSON',
    ),
    ...members('AbstractType', 'parent _copy clone _first observeDeep unobserveDeep toJSON'),
    ...members('YMap', 'constructor _integrate _copy clone toJSON size keys values entries forEach has clear'),
    'YMap.Symbol.iterator',
    ...members('Item', 'marker keep next prev'),
    ...members('AbstractStruct', 'deleted write integrate'),
    ...['ContentBinary', 'ContentDeleted', 'ContentFormat', 'ContentJSON', 'ContentString', 'ContentType'].map(
      (name) => `${name}.copy`,
    ),
  ],
  put: {
    // Nobody subscribes to the second encoding; inside, it only stores what waits for its turn.
    DSEncoderV2: 'const DSEncoderV2 = DSEncoderV1',
    UpdateEncoderV2: 'const UpdateEncoderV2 = UpdateEncoderV1',
    DSDecoderV2: 'const DSDecoderV2 = DSDecoderV1',
    UpdateDecoderV2: 'const UpdateDecoderV2 = UpdateDecoderV1',
    encodeStateAsUpdateV2: `(doc, vector = new Uint8Array([0]), encoder) => {
      writeStateAsUpdate(encoder, doc, decodeStateVector(vector))
      const { pendingDs, pendingStructs } = doc.store
      const updates = [encoder.toUint8Array()]
      if (pendingDs) updates.push(pendingDs)
      if (pendingStructs) updates.push(diffUpdateV2(pendingStructs.update, vector))
      return mergeUpdatesV2(updates)
    }`,
    isDevMode: 'false',
    // A text, a list or a tree of somebody else's: what it is made of is kept, its methods are not.
    YArray: `class YArray extends AbstractType {
      constructor (ref, name) { super(); this._ref = ref; this._name = name }
      _write (encoder) {
        encoder.writeTypeRef(this._ref)
        if (this._name !== undefined) encoder.writeKey(this._name)
      }
    }`,
    typeRefs: `[0, 1, 2, 3, 4, 5, 6].map(ref => decoder => ref === YMapRefID
      ? new YMap()
      : new YArray(ref, ref === YXmlElementRefID || ref === YXmlHookRefID ? decoder.readKey() : undefined))`,
    ContentDoc: `class ContentDoc extends ContentBinary {
      write (encoder) {
        encoder.writeString(this.content[0])
        encoder.writeAny(this.content[1])
      }
      getRef () { return 9 }
    }`,
    readContentDoc: 'decoder => new ContentDoc([decoder.readString(), decoder.readAny()])',
    ContentEmbed: `class ContentEmbed extends ContentBinary {
      write (encoder) { encoder.writeJSON(this.content) }
      getRef () { return 5 }
    }`,
    'ContentFormat.integrate': 'integrate () {}',
    'ContentJSON.splice': `splice (offset) {
      const right = new this.constructor(this.arr.slice(offset))
      this.arr = this.arr.slice(0, offset)
      return right
    }`,
    ContentAny: `class ContentAny extends ContentJSON {
      write (encoder, offset) {
        encoder.writeLen(this.arr.length - offset)
        for (let i = offset; i < this.arr.length; i++) encoder.writeAny(this.arr[i])
      }
      getRef () { return 8 }
    }`,
    typeMapSet: `(transaction, parent, key, value) => {
      const left = parent._map.get(key) || null
      const { clientID, store } = transaction.doc
      const id = createID(clientID, getState(store, clientID))
      new Item(id, left, left && left.lastId, null, null, parent, key, new ContentAny([value]))
        .integrate(transaction, 0)
    }`,
    'Doc.constructor': `constructor () {
      super()
      this.gc = true
      this.gcFilter = () => true
      this.clientID = generateNewClientId()
      this.share = new Map()
      this.store = new StructStore()
      this._transaction = null
      this._transactionCleanups = []
    }`,
    'Doc.destroy': `destroy () {
      this.emit('destroy', [this])
      super.destroy()
    }`,
    // Nobody observes from above, and of an event only the keys are read.
    'AbstractType._callObserver': '_callObserver () {}',
    'YMap._callObserver': `_callObserver (transaction, keysChanged) {
      callEventHandlerListeners(this._eH, { keysChanged }, transaction)
    }`,
  },
  blocks: [
    ['      fs.push(() => {\n        // deep observe events', '      // note the nested fs calls'],
    ["      if (doc._observers.has('updateV2'))", '      if (transactionCleanups.length <= i + 1)'],
    [
      '      const searchMarker = /** @type {AbstractType<any>} */ (this.parent)._searchMarker;',
      '      if (right.keep)',
    ],
    ['if (glo[importIdentifier] === true) {', '\nexport {'],
  ],
}

/** y-webrtc: `document/y-webrtc.ts` leaves BroadcastChannel, its password and its events unused. */
const Y_WEBRTC = {
  put: {
    checkIsSynced: '() => {}',
    emitStatus: '() => {}',
    broadcastRoomMessage: 'broadcastWebrtcConn',
    publishSignalingMessage: `(conn, room, data) => conn.send({ type: 'publish', topic: room.name, data })`,
    'Room.connect': `connect () {
      this.doc.on('update', this._docUpdateHandler)
      this.awareness.on('update', this._awarenessUpdateHandler)
      announceSignalingInfo(this)
    }`,
    'Room.disconnect': `disconnect () {
      signalingConns.forEach(conn => {
        if (conn.connected) conn.send({ type: 'unsubscribe', topics: [this.name] })
      })
      awarenessProtocol.removeAwarenessStates(this.awareness, [this.doc.clientID], 'disconnect')
      this.doc.off('update', this._docUpdateHandler)
      this.awareness.off('update', this._awarenessUpdateHandler)
      this.webrtcConns.forEach(conn => conn.destroy())
    }`,
    'SignalingConn.constructor': `constructor (url) {
      super(url)
      this.providers = new Set()
      this.on('connect', () => {
        this.send({ type: 'subscribe', topics: [...rooms.keys()] })
        rooms.forEach(room => publishSignalingMessage(this, room, { type: 'announce', from: room.peerId }))
      })
      this.on('message', ({ type, topic, data }) => {
        const room = rooms.get(topic)
        if (type !== 'publish' || !room || !data) return
        const { from, to, token, signal } = data
        const { peerId, webrtcConns: conns } = room
        if (from === peerId || (to !== undefined && to !== peerId)) return
        const connOf = isInitiator =>
          map.setIfUndefined(conns, from, () => new WebrtcConn(this, isInitiator, from, room))
        if (data.type === 'announce') {
          if (conns.size < room.provider.maxConns) connOf(true)
        } else if (data.type === 'signal') {
          const existing = conns.get(from)
          if (existing && signal.type === 'offer' && existing.glareToken > token) return
          if (existing && (signal.type === 'offer' || signal.type === 'answer')) existing.glareToken = undefined
          if (to === peerId) connOf(false).peer.signal(signal)
        }
      })
    }`,
    'WebrtcProvider.constructor': `constructor (roomName, doc, { signaling, awareness, maxConns, peerOpts }) {
      super()
      this.roomName = roomName
      this.doc = doc
      this.awareness = awareness
      this.shouldConnect = false
      this.signalingUrls = signaling
      this.signalingConns = []
      this.maxConns = maxConns
      this.peerOpts = peerOpts
      this.key = Promise.resolve()
      this.room = null
      this.key.then(() => {
        this.room = openRoom(doc, this, roomName)
        if (this.shouldConnect) this.room.connect()
        else this.room.disconnect()
      })
      this.connect()
      this.destroy = this.destroy.bind(this)
      doc.on('destroy', this.destroy)
    }`,
  },
  drop: ['WebrtcProvider.connected'],
  blocks: [
    ['    case messageBcPeerId: {', '    default:\n      console.error'],
    [
      '    /**\n     * @type {Set<string>}\n     */\n    this.bcConns',
      '    /**\n     * Listens to Yjs updates',
    ],
    ["        room.provider.emit('peers', [{\n          removed: [this", '      }\n      checkIsSynced(room)'],
  ],
}

/** Package file, as it ends, to its cut. */
export const CUTS = {
  'yjs/dist/yjs.mjs': YJS,
  'y-webrtc/src/y-webrtc.js': Y_WEBRTC,
}

function members(owner, names) {
  return names.split(' ').map((name) => `${owner}.${name}`)
}
