/** Where the window's page lives, and the message with which it hands over its end of the port. */
export const APP_ORIGIN = 'hallpass://app'
export const PORT_MESSAGE = 'hallpass:port'
