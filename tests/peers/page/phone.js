// A phone in a page: JsSIP with `phone.start(...)` and a list of what happened. Media are not judged: descriptions are
// Chromium's own in their full size, but for the profile, which is that of a phone on a desk, and any answer will do.

const Chromium = window.RTCPeerConnection;

async function description(type) {
  const real = new Chromium();
  real.addTransceiver("audio");
  const {sdp} = await real.createOffer();
  real.close();
  return {type, sdp: sdp.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP")};
}

window.RTCPeerConnection = class extends EventTarget {
  signalingState = "stable";
  iceGatheringState = "complete";
  iceConnectionState = "connected";
  createOffer() { return description("offer"); }
  createAnswer() { return description("answer"); }
  async setLocalDescription(it) { this.localDescription = it; }
  async setRemoteDescription(it) { this.remoteDescription = it; }
  getSenders() { return []; }
  getReceivers() { return []; }
  close() { this.signalingState = "closed"; }
};

navigator.mediaDevices.getUserMedia = async () => new MediaStream();

const MEDIA = {mediaConstraints: {audio: false, video: false}};

const phone = {
  heard: [],

  start({url, user, password}) {
    this.ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri: `sip:${user}@127.0.0.1`,
      password,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 1,
    });
    for (const name of ["connected", "disconnected", "registered", "unregistered"])
      this.ua.on(name, () => this.heard.push(name));
    this.ua.on("registrationFailed", ({cause}) => this.heard.push(`registrationFailed: ${cause}`));
    this.ua.on("newMessage", ({originator, request}) => {
      if (originator === "remote") this.heard.push(`message: ${request.body}`);
    });
    this.ua.on("newRTCSession", ({originator, session}) => this.follow(originator, session));
    this.ua.start();
  },

  follow(originator, session) {
    this.session = session;
    if (originator === "remote") this.heard.push(`call of ${session.remote_identity.uri.user}`);
    session.on("progress", () => this.heard.push("progress"));
    session.on("confirmed", () => this.heard.push("confirmed"));
    for (const name of ["hold", "unhold"])
      session.on(name, ({originator}) => this.heard.push(`${name} by ${originator}`));
    for (const name of ["ended", "failed"])
      session.on(name, ({originator, cause}) => this.heard.push(`${name} by ${originator}: ${cause}`));
  },

  call(user) { this.ua.call(`sip:${user}@127.0.0.1`, MEDIA); },
  answer() { this.session.answer(MEDIA); },
  end() { this.session.terminate(); },
  hold() { this.session.hold({}, () => this.heard.push("answer to its re-INVITE")); },
  unhold() { this.session.unhold({}, () => this.heard.push("answer to its re-INVITE")); },
  write(user, text) { this.ua.sendMessage(`sip:${user}@127.0.0.1`, text); },
  stop() { this.ua.stop(); },

  // Whether this happened; it and all before it are forgotten then.
  take(event) {
    const at = this.heard.indexOf(event);
    this.heard.splice(0, at + 1);
    return at >= 0;
  },
};
