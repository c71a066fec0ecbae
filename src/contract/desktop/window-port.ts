/** Origin of the window's page, and the message with which the page transfers its end of the port. */
export const APP_ORIGIN = 'hallpass://app'
export const PORT_MESSAGE = 'hallpass:port'
