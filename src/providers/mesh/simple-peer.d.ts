// The prebuilt file: the package's main entry pulls Node polyfills that bundlers no longer add.
declare module 'simple-peer/simplepeer.min.js' {
  const SimplePeer: unknown

  export { SimplePeer as default }
}
