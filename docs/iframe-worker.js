// A page opened as a file may start no worker. The search is then run in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      this.window = frame.contentWindow
      const worker = this
      this.window.postMessageOut = data => {
        const event = new MessageEvent("message", { data })
        worker.dispatchEvent(event)
        if (worker.onmessage) worker.onmessage(event)
      }
      this.window.document.write(`<script>
        window.postMessage = data => postMessageOut(data)
        window.importScripts = (...urls) => urls.reduce((before, url) => before.then(() =>
          new Promise((done, failed) => {
            const script = document.createElement("script")
            Object.assign(script, { src: url, onload: done, onerror: failed })
            document.body.appendChild(script)
          })), Promise.resolve())
      <\/script><body><script src="${url}"><\/script>`)
      this.window.document.close()
      this.ready = new Promise(done => this.window.addEventListener("load", done))
    }
    postMessage(data) {
      this.ready.then(() => this.window.dispatchEvent(new MessageEvent("message", { data })))
    }
    terminate() {}
  }
}
