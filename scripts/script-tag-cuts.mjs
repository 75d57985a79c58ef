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
    ...members('Item', 'marker keep next prev countable'),
    ...members('AbstractStruct', 'deleted write integrate'),
    ...['ContentBinary', 'ContentDeleted', 'ContentJSON', 'ContentString', 'ContentType'].map(
      (name) => `${name}.copy`,
    ),
    // Only lists and texts with methods of their own ask how long they are.
    ...['ContentBinary', 'ContentDeleted', 'ContentJSON', 'ContentString', 'ContentType'].map(
      (name) => `${name}.isCountable`,
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
    ContentFormat: `class ContentFormat extends ContentBinary {
      constructor (key, value) { super(); this.key = key; this.value = value }
      getContent () { return [] }
      write (encoder) {
        encoder.writeKey(this.key)
        encoder.writeJSON(this.value)
      }
      getRef () { return 6 }
    }`,
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
    // Its one map is asked for before anything arrives: no root changes its kind.
    'Doc.get': `get (name, Type = AbstractType) {
      return map.setIfUndefined(this.share, name, () => {
        const type = new Type()
        type._integrate(this, null)
        return type
      })
    }`,
    'Doc.destroy': `destroy () {
      this.emit('destroy', [this])
      super.destroy()
    }`,
    'Transaction.constructor': `constructor (doc, origin, local) {
      this.doc = doc
      this.deleteSet = new DeleteSet()
      this.beforeState = getStateVector(doc.store)
      this.changed = new Map()
      this._mergeStructs = []
      this.origin = origin
      this.local = local
    }`,
    'AbstractType.constructor': `constructor () {
      this._item = null
      this._map = new Map()
      this._start = null
      this.doc = null
      this._eH = createEventHandler()
    }`,
    'Item.constructor': `constructor (id, left, origin, right, rightOrigin, parent, parentSub, content) {
      super(id, content.getLength())
      this.origin = origin
      this.left = left
      this.right = right
      this.rightOrigin = rightOrigin
      this.parent = parent
      this.parentSub = parentSub
      this.content = content
      this.info = 0
    }`,
    // Every map is in the document from its first moment.
    'YMap.set':
      'set (key, value) { transact(this.doc, (transaction) => typeMapSet(transaction, this, key, value)) }',
    'YMap.delete':
      'delete (key) { transact(this.doc, (transaction) => typeMapDelete(transaction, this, key)) }',
    encodeStateVectorV2: `(doc, encoder) => {
      writeDocumentStateVector(encoder, doc)
      return encoder.toUint8Array()
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
    // Listeners hear of updates alone, and nothing is ever undone.
    ["      doc.emit('beforeObserverCalls'", '      /**\n       * An array of event callbacks.'],
    ["      doc.emit('afterTransactionCleanup'", "      if (doc._observers.has('update'))"],
    ["        doc.emit('afterAllTransactions'", '      } else {\n        cleanupTransactions('],
    ['    if (transactionCleanups.length === 1) {', '  }\n  try {\n    result = f(doc._transaction)'],
    ['struct.deleted && !struct.keep', ' && gcFilter(struct)', 'struct.deleted'],
    ['  if (leftItem.keep) {', '  // update left (do not set'],
    ['      this.redone === null &&\n      right', '      this.content.constructor'],
    ['      // adjust length of parent', '      addStruct(transaction.doc.store, this)'],
    ['      // adjust the length of parent', '      this.markDeleted();\n      addToDeleteSet'],
    [
      '      const searchMarker = /** @type {AbstractType<any>} */ (this.parent)._searchMarker;',
      '      this.right = right.right;',
    ],
    ['if (glo[importIdentifier] === true) {', '\nexport {'],
  ],
}

/** y-protocols: presence is told that a state came, and never whether it says anything new. */
const AWARENESS = {
  drop: ['Awareness.setLocalStateField'],
  put: {
    'Awareness.setLocalState': `setLocalState (state) {
      const { clientID, states, meta } = this
      const wasThere = states.has(clientID)
      const clock = (meta.get(clientID)?.clock ?? -1) + 1
      if (state === null) states.delete(clientID)
      else states.set(clientID, state)
      meta.set(clientID, { clock, lastUpdated: time.getUnixTime() })
      const ids = [clientID]
      this.emit('update', [{
        added: state === null || wasThere ? [] : ids,
        updated: state !== null && wasThere ? ids : [],
        removed: state === null ? ids : []
      }, 'local'])
    }`,
    'Awareness.destroy': `destroy () {
      this.setLocalState(null)
      super.destroy()
      clearInterval(this._checkInterval)
    }`,
    removeAwarenessStates: `(awareness, clients, origin) => {
      const removed = clients.filter(client => awareness.states.delete(client))
      if (removed.length > 0) awareness.emit('update', [{ added: [], updated: [], removed }, origin])
    }`,
    applyAwarenessUpdate: `(awareness, update, origin) => {
      const { states, meta } = awareness
      const decoder = decoding.createDecoder(update)
      const added = []
      const updated = []
      const removed = []
      for (let left = decoding.readVarUint(decoder); left > 0; left--) {
        const client = decoding.readVarUint(decoder)
        let clock = decoding.readVarUint(decoder)
        const state = JSON.parse(decoding.readVarString(decoder))
        const known = meta.get(client)
        const knownClock = known ? known.clock : 0
        if (knownClock > clock || (knownClock === clock && (state !== null || !states.has(client)))) continue
        if (state !== null) states.set(client, state)
        // Others take us for gone: the next state of ours is newer than what they said.
        else if (client === awareness.clientID && awareness.getLocalState() !== null) clock++
        else states.delete(client)
        meta.set(client, { clock, lastUpdated: time.getUnixTime() })
        if (known === undefined) { if (state !== null) added.push(client) }
        else (state === null ? removed : updated).push(client)
      }
      if (added.length + updated.length + removed.length > 0)
        awareness.emit('update', [{ added, updated, removed }, origin])
    }`,
  },
}

/** lib0: both kinds of observable are one. */
const OBSERVABLE = {
  drop: ['ObservableV2.once'],
  put: { Observable: 'class Observable extends ObservableV2 {}' },
}

/** lib0: every browser that runs this file encodes and decodes UTF-8 itself. */
const ENCODING = { put: { writeVarString: '_writeVarStringNative' } }
const DECODING = { put: { readVarString: '_readVarStringNative' } }

/** lib0: and knows what an integer is. */
const NUMBER = { put: { isInteger: 'Number.isInteger' } }

const STRING = {
  put: {
    utf8TextEncoder: 'new TextEncoder()',
    encodeUtf8: '_encodeUtf8Native',
    utf8TextDecoder: "new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })",
    decodeUtf8: '_decodeUtf8Native',
  },
  blocks: [
    ['if (utf8TextDecoder && utf8TextDecoder.decode(new Uint8Array()).length === 1) {', '/* c8 ignore stop */'],
  ],
}

/** Package file, as it ends, to its cut. */
export const CUTS = {
  'yjs/dist/yjs.mjs': YJS,
  'y-protocols/awareness.js': AWARENESS,
  'lib0/encoding.js': ENCODING,
  'lib0/decoding.js': DECODING,
  'lib0/number.js': NUMBER,
  'lib0/observable.js': OBSERVABLE,
  'lib0/string.js': STRING,
}

function members(owner, names) {
  return names.split(' ').map((name) => `${owner}.${name}`)
}
