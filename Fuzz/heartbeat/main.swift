import FuzzDriver
import RegistryModel

fuzz { input in
    do {
        try checkHeartbeat(input)
    } catch {
        fatalError("\(error)")
    }
}
