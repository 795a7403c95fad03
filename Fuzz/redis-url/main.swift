import FuzzDriver
import RedisModel

fuzz { input in
    do {
        try checkRedisURL(input)
    } catch {
        fatalError("\(error)")
    }
}
