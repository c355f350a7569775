/* In the audio thread: hands what the microphone gives to <lstm-listen>, and keeps nothing. */
registerProcessor("lstm-ear", class extends AudioWorkletProcessor {
  process([[samples]]) {
    if (samples) this.port.postMessage(samples.slice());
    return true;
  }
});
