/// A load for a server or a relay of RTMP and HTTP-FLV: publishers and players in one program on one core.
///
/// `--mode live` opens publishers and players, both idle; at `go` every publisher sends its stream as an encoder does,
/// and the work is over when every player has every frame of its stream and the server has read all of every
/// publisher. Publishers speak to `--port`, players to `--play-port`, which may be a relay. With `--joining` the
/// players come while the streams run, and the time from their request to a whole key frame counts.
///
/// `--mode storm` connects at a steady rate, each time up to the answer to `connect`, to the start of `play` or to the
/// first key frame, and closes at once.
///
/// Every byte of the media is compared with the one sent, for every player. Only every tenth player reads whatever
/// comes as soon as it comes, and gives the delivery times; the others look every 100 ms and need little CPU time.
#include "dialogue.h"
#include "loopback.h"
#include "options.h"
#include "pattern.h"
#include "rtmp-modes.h"

struct load load;

static int choice(const char *name, const char *value, const char *const *choices) {
    for (int i = 0; choices[i]; i++)
        if (strcmp(value, choices[i]) == 0) return i;
    fail("--%s: \"%s\" is not one of its values", name, value);
}

static void read_plan(int argc, char **argv) {
    struct plan *plan = &load.plan;
    static const char *const protocols[] = {"rtmp", "flv", NULL};
    plan->port = (int)number_option(argc, argv, "port", NULL, 1, 65535);
    plan->play_port = (int)number_option(argc, argv, "play-port", text_option(argc, argv, "port", NULL), 1, 65535);
    plan->protocol = (enum protocol)choice("protocol", text_option(argc, argv, "protocol", "rtmp"), protocols);
    plan->app = text_option(argc, argv, "app", "live");
    plan->name = text_option(argc, argv, "name", "load");
    plan->chunk_size = (uint32_t)number_option(argc, argv, "chunk-size", "4096", 1, 65536);
    if (strlen(plan->app) + strlen(plan->name) > 40) fail("--app and --name: more than 40 bytes together");
}

static bool read_mode(int argc, char **argv) {
    static const char *const modes[] = {"live", "storm", NULL}, *const ends[] = {"connect", "play", "frame", NULL};
    bool storm = choice("mode", text_option(argc, argv, "mode", NULL), modes) == 1;
    int until = choice("until", text_option(argc, argv, "until", "play"), ends);
    load.publisher_count = (size_t)number_option(argc, argv, "publishers", "1", 1, 5000);
    load.player_count = (size_t)number_option(argc, argv, "players", storm ? "0" : "1", 0, 60000);
    load.milliseconds = number_option(argc, argv, "milliseconds", "4000", 40, 3600000);
    load.read_every = number_option(argc, argv, "read-every-ms", "100", 0, 1000) * MILLISECOND;
    load.prompt_every = (size_t)number_option(argc, argv, "prompt-every", "10", 0, 60000);
    load.joining = number_option(argc, argv, "joining-ms", "0", 0, 600000) * MILLISECOND;
    media_rate = number_option(argc, argv, "rate", "600000", 150000, 50000000);
    if (storm) {
        load.connects_per_second = number_option(argc, argv, "connects-per-second", "1000", 1, 50000);
        load.plan.only_connect = until == 0;
        load.until_frame = until == 2;
        if (load.player_count) fail("--players: a storm has none that stay");
        // A connect that is not done after five seconds is closed.
        long most = load.milliseconds < 5000 ? load.milliseconds : 5000;
        require_open_files((long)load.publisher_count + load.connects_per_second * most / 1000);
    } else {
        require_open_files((long)(load.publisher_count + load.player_count));
    }
    return storm;
}

int main(int argc, char **argv) {
    read_plan(argc, argv);
    bool storm = read_mode(argc, argv);
    load.publishers = calloc(load.publisher_count, sizeof *load.publishers);
    load.players = calloc(load.player_count + 1, sizeof *load.players);
    if (!load.publishers || !load.players) fail_call("calloc");
    make_pattern((uint64_t)number_option(argc, argv, "seed", "1", 0, 1000000));
    serve_timers(&load.wheel, now_ns());
    open_publishers();
    if (!storm) open_players();
    say("ready");
    wait_for("go");
    serve_timers(&load.wheel, now_ns());
    int64_t began = now_ns(), cpu = cpu_ns();
    if (storm) run_storm();
    else run_live();
    if (storm) report_storm(began, cpu);
    else report_live(began, cpu);
    wait_for_end();
    return 0;
}
