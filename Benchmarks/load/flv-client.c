#include <stdio.h>

#include "rtmp-session.h"

void begin_flv(struct session *session) {
    char request[512];
    const struct plan *plan = session->plan;
    int length = snprintf(
        request, sizeof request,
        "GET /%s/%s%u.flv HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: rtmp-load\r\nAccept: */*\r\n\r\n", plan->app,
        plan->name, session->stream, plan->play_port);
    session->viewer.asked_at = now_ns();
    session->state = OPENING;
    send_bytes(session, (const unsigned char *)request, (size_t)length);
}

bool take_flv(struct session *session, const unsigned char *bytes, size_t count, struct histogram *delivery) {
    if (!read_flv(&session->flv, &session->viewer, bytes, count, now_ns(), delivery)) {
        if (session->viewer.fault[0]) return fail_session(session, WRONG_MEDIA, "%s", session->viewer.fault);
        return fail_session(session, session->flv.answered ? MALFORMED : REJECTED, "%s", session->flv.fault);
    }
    if (session->state == OPENING && session->flv.answered) session->state = RUNNING;
    return true;
}
