/// A synthetic live stream: H.264 of 25 frames a second with a key frame every two seconds, and AAC of 44.1 kHz, in the
/// form that RTMP and FLV carry them. Servers find nothing wrong with it; only a decoder would see that the pictures
/// are noise. Every frame says, within a NAL unit or an element that decoders skip, which frame of which stream it is
/// and when it was sent; the rest follows from that, so that a viewer can tell each byte that is not right.
#ifndef LOAD_RTMP_MEDIA_H
#define LOAD_RTMP_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

#define GOP_FRAMES 50
#define GOP (2 * SECOND)
#define AUDIO_RATE 64000
#define LARGEST_FRAME (1 << 20)
/// The bytes of a frame that name it, and those before the noise begins.
#define NAME_SIZE 24
#define VIDEO_HEAD (57 + 2)
#define AUDIO_HEAD (4 + NAME_SIZE)

/// The types of RTMP messages and FLV tags that carry them.
enum track { AUDIO = 8, VIDEO = 9, METADATA = 18 };

/// What a frame says about itself.
struct frame_name {
    uint32_t stream, number, length;  // the number counts from 0 within the track
    int64_t sent_at;
};

/// The rate of all streams, in bits per second with the audio.
extern long media_rate;

/// Whether a video frame is a key frame.
bool is_key_frame(uint32_t number);

/// The timestamp of a frame, in ms.
uint32_t frame_timestamp(enum track track, uint32_t number);

/// When a frame is due, in ns from the beginning of its stream.
int64_t frame_due(enum track track, uint32_t number);

/// The bytes of a frame, from 100 for audio to a few ten thousand for a key frame.
size_t frame_size(enum track track, uint32_t stream, uint32_t number);

/// The bytes that stand before the noise: the headers of the codec and the name.
size_t head_size(enum track track);

/// Writes the head of a frame.
void put_head(enum track track, const struct frame_name *name, unsigned char *to);

/// Reads the name in a whole head; false when it contradicts itself.
bool read_name(enum track track, const unsigned char *head, struct frame_name *name);

/// Whether `length` bytes of a frame, `offset` (at least the head's size) bytes after its beginning, are right.
bool is_noise(
    enum track track, const struct frame_name *name, size_t offset, const unsigned char *bytes, size_t length);

/// Writes a whole frame into `LARGEST_FRAME` bytes, and returns its size.
size_t put_frame(enum track track, uint32_t stream, uint32_t number, int64_t sent_at, unsigned char *to);

/// The message with the configuration of the decoder, which precedes all frames of its track.
const unsigned char *sequence_header(enum track track, size_t *length);

#endif
