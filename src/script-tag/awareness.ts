/** In place of the whole of `y-protocols/awareness` in the script-tag build: what presence asks of it. */
export { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
