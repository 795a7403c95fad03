import FuzzDriver
import RegistryModel

fuzz { input in
    do {
        try checkShared(input)
    } catch {
        fatalError("\(error)")
    }
}
