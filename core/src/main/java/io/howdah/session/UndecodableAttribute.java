package io.howdah.session;

import java.util.UUID;

/**
 * An attribute whose stored JSON could not be read as what the program asked for; for instance
 * after an update that changed a class. To the program it was absent; in the session it is as it
 * was.
 *
 * @param handle of the session
 * @param name of the attribute; {@code *} where not even their names could be read
 * @param type what it was to be
 * @param cause why it could not be; its message may show parts of the value
 */
public record UndecodableAttribute(UUID handle, String name, String type, Exception cause) {}
