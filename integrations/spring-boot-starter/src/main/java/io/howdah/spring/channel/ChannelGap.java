package io.howdah.spring.channel;

/**
 * An event of the application: a {@link ChannelListener} may have missed messages. What it knows
 * from messages should be read anew.
 *
 * @param channel the channel or the pattern of the listener
 * @param dropped how many messages were dropped because it was slower than they came; 0 when it is
 *     not known how many were missed, such as while the connection was down
 * @param ended whether it hears nothing any more, until the application is started again
 */
public record ChannelGap(String channel, long dropped, boolean ended) {}
