import FuzzDriver
import RedisModel

fuzz { input in
    do {
        try checkReplies(input)
    } catch {
        fatalError("\(error)")
    }
}
