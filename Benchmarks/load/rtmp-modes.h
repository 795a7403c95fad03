/// The loop of the load and its modes.
#ifndef LOAD_RTMP_MODES_H
#define LOAD_RTMP_MODES_H

#include "rtmp-session.h"

struct load {
    struct plan plan;
    struct wheel wheel;
    size_t publisher_count, player_count;
    struct session *publishers, *players;
    long milliseconds;               // of each stream, or of the storm
    int64_t read_every;              // ns between two looks at a viewer that is not prompt
    size_t prompt_every;             // every so many viewers one reads at once; 0: none
    int64_t joining;                 // ns in which the viewers join a running stream; 0: they come before it begins
    long connects_per_second;
    bool until_frame;                // a connect of the storm is over with the first key frame
    int64_t latest;                  // the longest delay of the load itself
    struct histogram delivery, first_frame, opening;
};

extern struct load load;

/// Waits for sockets and timers until `until` at the latest, and serves them. A session that fails ends the program,
/// except those of a storm.
void turn(int64_t until);

/// Opens the publishers, and sends what precedes all frames.
void open_publishers(void);

/// Opens the players, a few at a time.
void open_players(void);

/// Publishes for the time, and waits until all players have seen all frames.
void run_live(void);

/// Prints the figures.
void report_live(int64_t began, int64_t cpu);

/// Connects at a steady rate, and counts what goes wrong.
void run_storm(void);
void report_storm(int64_t began, int64_t cpu);

/// What a storm does with a session after each event.
void look_after_storm(struct session *session);

/// Begins to publish, each publisher at its own phase of the two seconds between key frames.
void start_publishers(uint32_t video, uint32_t audio);

#endif
