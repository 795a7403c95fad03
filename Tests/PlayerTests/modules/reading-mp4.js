/** Reads a fragment as far as tests need it: `{time, duration, size, isKey, composition}` of each sample. */
export function samplesOf(fragment) {
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.length);
  const find = (type) => {
    const text = String.fromCharCode(...fragment);
    return text.indexOf(type) + 4;
  };
  let time = Number(view.getBigUint64(find("tfdt") + 4));
  const run = find("trun");
  return Array.from({ length: view.getUint32(run + 4) }, (_, i) => {
    const at = run + 12 + 16 * i;
    const duration = view.getUint32(at);
    const sample = {
      time, duration, size: view.getUint32(at + 4), isKey: view.getUint32(at + 8) === 0x02000000,
      composition: view.getInt32(at + 12),
    };
    time += duration;
    return sample;
  });
}
