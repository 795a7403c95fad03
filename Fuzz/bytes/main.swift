import BytesModel
import FuzzDriver

fuzz { input in
    do {
        try compareWithModel(input)
    } catch {
        fatalError("\(error)")
    }
}
