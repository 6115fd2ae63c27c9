-- The database and its two users, for MariaDB 10.11 or newer. The owner is used for migrations alone; the server
-- only reads and writes rows. Replace both passwords, and the address by the address of the servers.
CREATE DATABASE stations CHARACTER SET utf8mb4;
CREATE USER 'stations_owner'@'127.0.0.1' IDENTIFIED BY 'password-of-the-owner';
GRANT ALL PRIVILEGES ON stations.* TO 'stations_owner'@'127.0.0.1';
CREATE USER 'stations'@'127.0.0.1' IDENTIFIED BY 'password-of-the-server';
GRANT SELECT, INSERT, UPDATE, DELETE ON stations.* TO 'stations'@'127.0.0.1';
